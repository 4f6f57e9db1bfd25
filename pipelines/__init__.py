"""The small machine: from the inbox to what is published."""
