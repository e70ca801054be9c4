"""Twelve variables that make the libraries under us call out if nothing stops them (192.0.2.1 answers nobody)."""

HOSTILE_HOST = "192.0.2.1"
HOSTILE_ENVIRONMENT = {
    "CHROMA_API_IMPL": "chromadb.api.fastapi.FastAPI",
    "CHROMA_SERVER_HOST": HOSTILE_HOST,
    "CHROMA_OTEL_COLLECTION_ENDPOINT": f"http://{HOSTILE_HOST}:4317",
    "GRADIO_SHARE": "True",
    "GRADIO_ANALYTICS_ENABLED": "True",
    "CHROMA_SERVER_HTTP_PORT": "8000",
    "HF_ENDPOINT": f"http://{HOSTILE_HOST}",
    "HF_TOKEN": "secret",
    "LANGCHAIN_TRACING_V2": "true",
    "LANGSMITH_API_KEY": "secret",
    "LANGSMITH_ENDPOINT": f"http://{HOSTILE_HOST}",
    "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{HOSTILE_HOST}:4318",
}
HOSTILE_DOTENV = "".join(f"{name}={value}\n" for name, value in HOSTILE_ENVIRONMENT.items())
