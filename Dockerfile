# The one binary. TLS to Kafka is built in here; the default build goes without.
FROM rust:1.95-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends perl make && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cargo build --profile dist --locked --features tls

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --home /var/lib/ebasvuru --create-home ebasvuru \
    && chmod 700 /var/lib/ebasvuru
COPY --from=build /src/target/dist/ebasvuru /usr/local/bin/ebasvuru
USER ebasvuru
WORKDIR /var/lib/ebasvuru
ENTRYPOINT ["ebasvuru"]
