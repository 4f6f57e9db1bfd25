"""What the tables are: form specs, SQL models, metrics, charts and page templates; no code of the machine."""
