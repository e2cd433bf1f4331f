# The image of workers, and of the `oncall` command. Built from the locks alone: the same releases that the tests ran with.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src

# What changes seldom comes first: the dependencies, each with its hash. /opt/build has the build backend and stays behind.
COPY requirements.lock requirements-run.lock ./
RUN python -m venv /opt/oncall \
 && /opt/oncall/bin/pip install --require-hashes -r requirements-run.lock \
 && python -m venv /opt/build \
 && /opt/build/bin/pip install --require-hashes -r requirements.lock

COPY . .
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /dist . \
 && /opt/oncall/bin/pip install --no-deps /dist/*.whl


FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 oncall \
 && useradd --uid 10001 --gid oncall --no-create-home --home-dir /var/lib/oncall --shell /usr/sbin/nologin oncall \
 && install -d -o oncall -g oncall /var/lib/oncall
COPY --from=build /opt/oncall /opt/oncall

# The web port stays on loopback until it has authentication (docker-compose.yml shows how to live with that).
ENV PATH=/opt/oncall/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ONCALL_DATA_DIR=/var/lib/oncall \
    ONCALL_WEB_HOST=127.0.0.1 \
    ONCALL_WEB_PORT=8080

USER oncall
WORKDIR /var/lib/oncall
# Each container has a data directory of its own: a local copy of its tables, rebuilt from the changelogs when lost.
VOLUME /var/lib/oncall
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
  CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:%s/healthz' % os.environ['ONCALL_WEB_PORT'], timeout=4)"]
ENTRYPOINT ["oncall"]
CMD ["--help"]
