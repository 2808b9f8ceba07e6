# Two images: `server` (the default) and `chat` (docker build --target chat .).
# The nets come with the package; nothing is downloaded when a container runs.
ARG PYTHON=3.13-slim-trixie

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /source

FROM build AS build-server
RUN python -m venv /opt/diagrasp
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY server server
COPY plugins plugins
COPY weights weights
RUN /opt/diagrasp/bin/pip install --no-cache-dir -c constraints.txt .

FROM build AS build-chat
RUN python -m venv /opt/diagrasp-chat
COPY chat_ui chat_ui
RUN /opt/diagrasp-chat/bin/pip install --no-cache-dir -c chat_ui/constraints.txt ./chat_ui

FROM python:${PYTHON} AS base
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --uid 10001 --user-group --create-home diagrasp && install -d -o 10001 -g 10001 /data
VOLUME /data
USER 10001:10001
WORKDIR /home/diagrasp

FROM base AS chat
COPY --from=build-chat /opt/diagrasp-chat /opt/diagrasp-chat
COPY docs/examples /opt/diagrasp-chat/examples
ENV PATH=/opt/diagrasp-chat/bin:$PATH \
    DIAGRASP_CHAT_HOST=0.0.0.0 \
    DIAGRASP_CHAT_PORT=8001 \
    DIAGRASP_CHAT_DATA=/data \
    DIAGRASP_CHAT_EXAMPLES=/opt/diagrasp-chat/examples
EXPOSE 8001
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import socket; socket.create_connection(('127.0.0.1', 8001), 4).close()"]
ENTRYPOINT ["diagrasp-chat"]

FROM base AS server
COPY --from=build-server /opt/diagrasp /opt/diagrasp
# Listening beyond the container demands DIAGRASP_TOKEN (or DIAGRASP_TOKENS_FILE); `serve --stdio` needs none.
ENV PATH=/opt/diagrasp/bin:$PATH \
    DIAGRASP_HOST=0.0.0.0 \
    DIAGRASP_PORT=8000 \
    DIAGRASP_DB=/data/diagrasp.db
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=4)"]
ENTRYPOINT ["diagrasp"]
CMD ["serve", "--http"]
