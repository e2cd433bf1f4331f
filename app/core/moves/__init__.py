"""Services that move to another domain: where they are and who is asked (places), what goes with them (handing), in which letters (parcels, told), and what is forwarded or waits (routing)."""
