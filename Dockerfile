# Two images: `app` (the last one, so what a plain `docker build .` makes) and `sandbox`, which adds the far end of the demo.
# Needs BuildKit, which is the default since Docker 23; docs/containers.md tells how to build behind a proxy.
ARG NODE_IMAGE=node:22.20.0-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages/sagaline/package.json packages/sagaline/
# The secrets are optional: an npm configuration with a registry and its token, and a CA that the registry's TLS needs.
RUN --mount=type=cache,target=/root/.npm \
    --mount=type=secret,id=npmrc,target=/root/.npmrc \
    --mount=type=secret,id=ca,target=/run/secrets/ca.pem \
    if [ -s /run/secrets/ca.pem ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/ca.pem; fi; \
    npm ci --no-audit --no-fund
COPY . .
RUN npm run build && find dist packages/sagaline/dist -name '*.map' -delete \
    && mkdir -p /out/app /out/sandbox/dist \
    && node containers/image/modules.mjs /out/app/node_modules \
    && node containers/image/modules.mjs /out/sandbox/node_modules smtp-server postal-mime \
    && mv dist/sandbox dist/stack /out/sandbox/dist/ \
    && cp -r package.json LICENSE dist /out/app/

FROM ${NODE_IMAGE} AS runtime
ENV NODE_ENV=production HTTP_HOST=0.0.0.0
WORKDIR /app
# First what changes least: packages.
COPY --from=build /out/app/node_modules ./node_modules
COPY --from=build /out/app/package.json /out/app/LICENSE ./
COPY --from=build /out/app/dist ./dist
# Where the pipeline may keep the archive's files: a volume mounted there belongs to the user below.
RUN install -d -o 10001 -g 10001 /var/lib/sagaline /var/lib/sagaline/archive
# A number, so that an orchestrator can tell that it is not root.
USER 10001:10001
ENTRYPOINT ["node", "/app/dist/containers/image/main.js"]
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["node", "/app/dist/containers/image/health.js"]

FROM runtime AS sandbox
LABEL org.opencontainers.image.title="sagaline-sandbox" \
      org.opencontainers.image.description="Payment provider, SMS carrier and mail catcher of Sagaline's demo" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV SANDBOX_HOST=0.0.0.0 SANDBOX_DATA_DIR=/var/lib/sagaline-sandbox
COPY --from=build /out/sandbox ./
USER root
RUN install -d -o 10001 -g 10001 /var/lib/sagaline-sandbox
USER 10001:10001
VOLUME /var/lib/sagaline-sandbox
EXPOSE 8090 8091 1025
CMD ["sandbox"]

FROM runtime AS app
LABEL org.opencontainers.image.title="sagaline" \
      org.opencontainers.image.description="Gateway, worker and pipeline of Sagaline, a workflow-based saga orchestrator" \
      org.opencontainers.image.licenses="Apache-2.0"
EXPOSE 8080 8081
