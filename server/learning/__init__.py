"""What was done and how surely: check-ins, answers, evidence, completions."""
