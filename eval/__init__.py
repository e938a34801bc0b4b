"""Evaluation: answer a set of questions once, save the run, score it as often as you like."""
