#!/bin/sh
# config/docker.yaml, which comes with the server, takes its values from the TEMPORAL_* variables.
set -eu
[ "${1:-}" = bash ] && exec bash
exec ./ui-server --env docker start
