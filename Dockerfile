# One image for every service of docker-compose.yml: built in one stage, run in another that has no compiler and no root.

FROM python:3.12-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /venv
COPY constraints.txt pyproject.toml README.md LICENSE ./
COPY collectors collectors
COPY dashboard dashboard
COPY db db
COPY offramp offramp
COPY reports reports
COPY strategy strategy
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check -c constraints.txt '.[postgres]'

FROM python:3.12-slim-bookworm
RUN groupadd --gid 10001 offramp \
    && useradd --uid 10001 --gid offramp --no-create-home --home-dir /data --shell /usr/sbin/nologin offramp \
    && install --directory --owner=offramp --group=offramp /data
COPY --from=build /venv /venv
# Where no database is named, the file lies in the volume. Servers listen on the container's own loopback until
# OFFRAMP_LISTEN says otherwise, as docker-compose.yml does behind ports of the host's loopback.
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    XDG_DATA_HOME=/data
USER 10001:10001
VOLUME /data
EXPOSE 8501 4318
ENTRYPOINT ["offramp"]
CMD ["up"]
