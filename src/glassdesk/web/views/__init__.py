"""What a page shows, gathered from the services before any template runs."""
