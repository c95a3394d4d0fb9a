"""What learners do with their badges: show, arrange, share by link, reflect, and bring from elsewhere."""
