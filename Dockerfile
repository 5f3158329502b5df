# iasql with all it needs to run alone: PostgreSQL, psql and the local cloud.

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --locked --release --bin iasql

FROM debian:bookworm-slim
# a server package makes a cluster of its own; ours is made at the first start
RUN mkdir -p /etc/postgresql-common/createcluster.d \
 && echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/iasql.conf \
 && apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends ca-certificates postgresql-15 python3-venv \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --home-dir /var/lib/iasql iasql \
 && install --directory --owner iasql --group iasql /tls /var/lib/gateway
COPY scripts/requirements.txt scripts/make-bucket.py /opt/iasql/
RUN python3 -m venv /opt/iasql/venv && /opt/iasql/venv/bin/pip install --no-cache-dir --requirement /opt/iasql/requirements.txt
COPY --from=build /src/target/release/iasql /usr/local/bin/iasql
USER iasql
WORKDIR /var/lib/iasql
ENV IASQL_DIR=/var/lib/iasql/state IASQL_VENV=/opt/iasql/venv
VOLUME /var/lib/iasql
ENTRYPOINT ["iasql"]
CMD ["up"]
