# syntax=docker/dockerfile:1
# One image for every role: `docker run pregon api`, `worker`, `dashboard`, `mixer`, `asterisk-sim`, or `serve` for all in one.

FROM rust:1-bookworm AS build
# libopus is built from source with cmake; MP3 uses the LAME of the system.
RUN apt-get update && apt-get install -y --no-install-recommends cmake libmp3lame-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# The caches outlive the layer, so only what changed is compiled again; the binary has to leave them before it ends.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked -p pregon --features mp3 \
 && install -D target/release/pregon /out/pregon

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates curl espeak-ng libmp3lame0 tini tzdata \
 && rm -rf /var/lib/apt/lists/*

# Asterisk must be able to write to the call files: run with its group (ASTERISK_GID), which `./manage.sh setup` finds.
ARG PREGON_UID=10001
ARG ASTERISK_GID=10001
RUN groupadd --non-unique --gid "$ASTERISK_GID" pregon \
 && useradd --uid "$PREGON_UID" --gid "$ASTERISK_GID" --home-dir /var/lib/pregon --no-create-home --shell /usr/sbin/nologin pregon \
 && install -d -o pregon -g pregon -m 2775 /var/lib/pregon /var/lib/pregon/audio /var/lib/pregon/spool

COPY --from=build /out/pregon /usr/local/bin/pregon
COPY LICENSE-MIT LICENSE-APACHE /usr/share/doc/pregon/

ENV PREGON_DATA_DIR=/var/lib/pregon
WORKDIR /var/lib/pregon
USER pregon
EXPOSE 5000 8080 8005
STOPSIGNAL SIGTERM
# For the api and serve roles; the others say what they need in docker-compose.yml.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD curl -fsS -o /dev/null http://127.0.0.1:5000/health/live || exit 1
# tini reaps what espeak-ng leaves behind and passes signals on.
ENTRYPOINT ["tini", "--", "pregon"]
CMD ["serve"]
