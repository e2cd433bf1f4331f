"""What tests stand on: brokers to talk to."""
