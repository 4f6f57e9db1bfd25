"""The made-up province of `congdoan demo`: invented rows whose totals are those of a real report."""
