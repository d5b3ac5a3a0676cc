#!/bin/sh
# Starts PostgreSQL, Redis and RabbitMQ for the tests: what runs already is left alone, what is missing is installed
# (as root, on Debian and Ubuntu). FORMLOOM_TEST_POSTGRES, FORMLOOM_TEST_REDIS, FORMLOOM_TEST_RABBITMQ name other servers.
set -eu

root() { [ "$(id -u)" = 0 ]; }

listens() {
    python3 -c "import socket; socket.create_connection(('127.0.0.1', $1), 1)" 2>/dev/null
}

wait_for() {
    for _ in $(seq 60); do
        if listens "$2"; then return 0; fi
        sleep 1
    done
    echo "$1 does not answer on port $2." >&2
    exit 2
}

need() {
    if command -v "$2" >/dev/null 2>&1 || [ -x "$2" ]; then return 0; fi
    if ! root || ! command -v apt-get >/dev/null 2>&1; then
        echo "The tests need $1. Install it and start it on port $4, or name a server by $5." >&2
        exit 2
    fi
    echo "Installing $3 …"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$3" >/dev/null
}

if [ -z "${FORMLOOM_TEST_POSTGRES:-}" ]; then
    if ! listens 5432; then
        need PostgreSQL pg_ctlcluster postgresql 5432 FORMLOOM_TEST_POSTGRES
        pg_lsclusters -h | while read -r version name _; do
            listens 5432 || pg_ctlcluster "$version" "$name" start || true
        done
        wait_for PostgreSQL 5432
    fi
    # The tests make and drop databases of their own as the user who runs them.
    if root && ! psql -h 127.0.0.1 -U root -d postgres -qtAc 'SELECT 1' >/dev/null 2>&1; then
        su postgres -c "psql -qc 'CREATE ROLE root SUPERUSER LOGIN'" 2>/dev/null || true
        hba=$(su postgres -c "psql -qtAc 'SHOW hba_file'")
        if ! grep -q '^host all root 127.0.0.1/32 trust' "$hba"; then
            sed -i '1i host all root 127.0.0.1/32 trust' "$hba"
            su postgres -c "psql -qtAc 'SELECT pg_reload_conf()'" >/dev/null
        fi
    fi
fi

if [ -z "${FORMLOOM_TEST_REDIS:-}" ] && ! listens 6379; then
    need Redis redis-server redis-server 6379 FORMLOOM_TEST_REDIS
    redis-server --daemonize yes --save '' >/dev/null
    wait_for Redis 6379
fi

if [ -z "${FORMLOOM_TEST_RABBITMQ:-}" ] && ! listens 5672; then
    need RabbitMQ rabbitmq-server rabbitmq-server 5672 FORMLOOM_TEST_RABBITMQ
    listens 5672 || rabbitmq-server -detached 2>/dev/null || true
    wait_for RabbitMQ 5672
fi
