"""The picture as paper and ink: scaled, upright, its noise and grounds told apart from what is drawn."""
