"""Statements over lines: plan, generated code, the loop over a file, the report."""
