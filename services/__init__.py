"""The services and the one list that names them (`registry`)."""
