# The embedded TensorFlow server with Mien's models, for machines that the official image is not
# made for, such as arm64. From the repository's root:
#   docker build -f services/tf-serving/embedded.Dockerfile -t mien/tf-serving-embedded:0.1.0 .
# A base pinned by its digest: --build-arg PYTHON_IMAGE=python:3.11-slim-bookworm@sha256:...
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS tools
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY requirements/images/build.txt requirements/images/
RUN python -m venv /opt/build \
    && /opt/build/bin/python -m pip install --require-hashes --no-deps -r requirements/images/build.txt

# What exports the models; nothing of it but the store gets into the image.
FROM tools AS models
RUN python -m venv --without-pip /opt/export
COPY requirements/images/tf-export.txt requirements/images/
RUN python -m pip --python /opt/export/bin/python install \
    --require-hashes --no-deps -r requirements/images/tf-export.txt
COPY models models
COPY training/pyproject.toml training/
COPY training/src training/src
COPY services/tf-serving services/tf-serving
RUN PATH="/opt/build/bin:$PATH" python -m pip wheel --no-deps --no-build-isolation \
        --wheel-dir /wheels ./models ./training ./services/tf-serving \
    && python -m pip --python /opt/export/bin/python install --no-deps --no-index /wheels/*.whl
# Batches computed at a time: as many as a container has processors.
ARG BATCH_THREADS=4
RUN mkdir -p /out/models && cp models/registry.yaml /out/models/ \
    && /opt/export/bin/python -m mien_tf_serving.store --registry models/registry.yaml \
        --store /out/models/tensorflow --batch-threads "$BATCH_THREADS"

# What serves: TensorFlow without its C++ headers, and without Keras.
FROM tools AS build
RUN python -m venv --without-pip /opt/mien
COPY requirements/images/tf-serving.txt requirements/images/
RUN python -m pip --python /opt/mien/bin/python install \
        --require-hashes --no-deps -r requirements/images/tf-serving.txt \
    && rm -r /opt/mien/lib/python3*/site-packages/tensorflow/include
COPY models/pyproject.toml models/
COPY models/src models/src
COPY services/tf-serving services/tf-serving
RUN PATH="/opt/build/bin:$PATH" python -m pip wheel --no-deps --no-build-isolation \
        --wheel-dir /wheels ./models ./services/tf-serving \
    && python -m pip --python /opt/mien/bin/python install --no-deps --no-index /wheels/*.whl

FROM ${PYTHON_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Mien embedded TensorFlow server" \
      org.opencontainers.image.description="TensorFlow Serving's calls, answered by TensorFlow in a Python process, with Mien's models" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/mien /opt/mien
COPY --from=models /out/models /models
ENV PATH="/opt/mien/bin:$PATH" \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /tmp
# gRPC, REST
EXPOSE 8500 8501
HEALTHCHECK --interval=5s --timeout=5s --start-period=120s --retries=3 \
    CMD ["python", "-m", "mien_tf_serving.health"]

# The flags of the official image's server, and --host, which that one has not.
ENTRYPOINT ["python", "-m", "mien_tf_serving", "--host=0.0.0.0", \
    "--port=8500", \
    "--rest_api_port=8501", \
    "--model_config_file=/models/tensorflow/models.image.config", \
    "--model_config_file_poll_wait_seconds=30", \
    "--file_system_poll_wait_seconds=5", \
    "--allow_version_labels_for_unavailable_models=true", \
    "--enable_grpc_healthcheck_service=true", \
    "--enable_batching=true", \
    "--batching_parameters_file=/models/tensorflow/batching.config", \
    "--monitoring_config_file=/models/tensorflow/monitoring.config", \
    "--grpc_channel_arguments=grpc.max_connection_age_ms=30000,grpc.max_connection_age_grace_ms=10000"]

# The number of threads depends on the machine; these may be replaced at `docker run`.
CMD ["--tensorflow_intra_op_parallelism=1", "--tensorflow_inter_op_parallelism=1"]
