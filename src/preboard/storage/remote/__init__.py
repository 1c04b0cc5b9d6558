"""Files from elsewhere: web servers, object stores, SFTP servers; fetched by rules, and listed."""
