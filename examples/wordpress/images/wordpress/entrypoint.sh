#!/bin/bash
# "serve" runs Apache in the foreground, "install" makes the tables in an empty database; anything
# else is run as it stands. Settings come from WORDPRESS_* (see wp-config.php).
set -euo pipefail

case "${1:-}" in
  serve)
    export APACHE_CONFDIR=/etc/apache2 APACHE_RUN_USER=www-data APACHE_RUN_GROUP=www-data \
      APACHE_RUN_DIR=/tmp APACHE_LOCK_DIR=/tmp APACHE_LOG_DIR=/tmp APACHE_PID_FILE=/tmp/apache2.pid
    exec apache2 -DFOREGROUND
    ;;
  install)
    exec php /usr/local/share/wordpress/install.php
    ;;
  *)
    exec "$@"
    ;;
esac
