"""What must hold: row rules per table (.yml) and cross-table rules (.sql); no code."""
