"""What keeps a failing part, and too much work, from failing everybody."""
