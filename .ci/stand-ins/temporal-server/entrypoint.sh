#!/bin/sh
# The server configures itself from the environment. What only this container knows is its own address.
set -eu

own_address() {
  getent hosts "$(hostname)" | { read -r address _ && echo "$address"; }
}

[ -n "${BIND_ON_IP:-}" ] || BIND_ON_IP=$(own_address)
export BIND_ON_IP
case "$BIND_ON_IP" in
  # Listening on every address, it must tell its peers one.
  0.0.0.0 | ::0)
    [ -n "${TEMPORAL_BROADCAST_ADDRESS:-}" ] || TEMPORAL_BROADCAST_ADDRESS=$(own_address)
    export TEMPORAL_BROADCAST_ADDRESS
    ;;
esac

exec temporal-server start
