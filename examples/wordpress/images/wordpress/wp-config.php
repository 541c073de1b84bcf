<?php
// Settings come from the container's environment; nothing here is secret.

function from_environment(string $name): string {
    $value = getenv($name);
    if ($value === false || $value === '') {
        error_log("$name is not set");
        http_response_code(500);
        exit(1);
    }
    return $value;
}

define('DB_HOST', from_environment('WORDPRESS_DB_HOST'));
define('DB_NAME', from_environment('WORDPRESS_DB_NAME'));
define('DB_USER', from_environment('WORDPRESS_DB_USER'));
define('DB_PASSWORD', from_environment('WORDPRESS_DB_PASSWORD'));
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
$table_prefix = 'wp_';

// Eight keys from one secret: whoever holds the salt keeps everybody's sign-in valid.
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $purpose) {
    foreach (['KEY', 'SALT'] as $kind) {
        $name = "{$purpose}_{$kind}";
        define($name, hash_hmac('sha256', $name, from_environment('WORDPRESS_SALT')));
    }
}

// Pages must be quick without a way out, and nothing may change the programs in the image.
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
define('WP_AUTO_UPDATE_CORE', false);
define('DISABLE_WP_CRON', true);
define('DISALLOW_FILE_MODS', true);

define('WP_DEBUG', false);
define('WP_DEFAULT_THEME', 'twentytwentythree');
define('WP_CONTENT_DIR', '/var/lib/wordpress/wp-content');
if (!defined('ABSPATH')) {
    define('ABSPATH', '/usr/share/wordpress/');
}
require_once ABSPATH . 'wp-settings.php';
