"""WordPress with MariaDB: a chart, its images, its demonstration and its verifier."""
