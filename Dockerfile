# One image for every role: `glassdesk up` alone, or what compose.yaml names. Its steps are also run by
# tests/deploy/test_dockerfile.py in a clean virtual environment.
FROM python:3.11-slim-bookworm AS built
RUN apt-get update \
    && apt-get install --yes --no-install-recommends make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/glassdesk
COPY Makefile pyproject.toml hatch_build.py .npmrc package.json package-lock.json README.md LICENSE ./
COPY requirements requirements
COPY src src
COPY simulator simulator
COPY examples examples
RUN make .venv/made-project .venv/made-data

FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="glassdesk" \
      org.opencontainers.image.description="The transparent trading desk for Interactive Brokers" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --uid 1000 --create-home desk \
    && install --directory --owner desk --group desk --mode 700 /desk
COPY --from=built /opt/glassdesk /opt/glassdesk
ENV PATH=/opt/glassdesk/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    GLASSDESK_HOME=/desk
USER desk
WORKDIR /desk
VOLUME /desk
HEALTHCHECK --interval=30s --timeout=20s --start-period=60s --retries=3 CMD ["glassdesk", "doctor", "--role", "up"]
CMD ["glassdesk", "up"]
