"""What the text of section 11 says in numbers."""
