"""What can be learnt, where, and the tasks that show it was."""
