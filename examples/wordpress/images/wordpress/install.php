<?php
// Makes WordPress's tables in an empty database. A database that has any of them is left as it
// is, damaged or not: installing over it would hide what became of the data.

const PATIENCE = 120;

function database(): mysqli {
    mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
    $until = time() + PATIENCE;
    while (true) {
        try {
            return new mysqli(
                getenv('WORDPRESS_DB_HOST'),
                getenv('WORDPRESS_DB_USER'),
                getenv('WORDPRESS_DB_PASSWORD'),
                getenv('WORDPRESS_DB_NAME'),
            );
        } catch (mysqli_sql_exception $problem) {
            // 2002 and 2005: nobody listens yet. Anything else, such as a refused password, stays.
            if (time() >= $until || !in_array($problem->getCode(), [2002, 2005], true)) {
                fwrite(STDERR, "no connection to the database: {$problem->getMessage()}\n");
                exit(1);
            }
            sleep(1);
        }
    }
}

function has_tables(mysqli $database): bool {
    return $database->query("SHOW TABLES LIKE 'wp\\_%'")->num_rows > 0;
}

function site_address(): string {
    return getenv('WORDPRESS_SITE_URL') ?: 'http://localhost:8080';
}

function install(): void {
    define('WP_INSTALLING', true);
    $address = site_address();
    define('WP_SITEURL', $address);
    $_SERVER['HTTP_HOST'] = parse_url($address, PHP_URL_HOST);
    require '/usr/share/wordpress/wp-load.php';
    require_once ABSPATH . 'wp-admin/includes/upgrade.php';
    // The installer asks the site for its own pages, which nobody serves yet.
    add_filter('pre_http_request', fn () => new WP_Error('offline', 'not served yet'));
    wp_install(
        getenv('WORDPRESS_SITE_TITLE') ?: 'WordPress',
        'admin',
        getenv('WORDPRESS_ADMIN_EMAIL') ?: 'admin@example.test',
        true,
        '',
        wp_slash(getenv('WORDPRESS_ADMIN_PASSWORD')),
    );
}

// WordPress would mail the new password; this replaces its function of that name.
function wp_new_blog_notification(): void {
}

if (has_tables(database())) {
    echo "the database has WordPress's tables: nothing to install\n";
    exit(0);
}
install();
echo 'installed for ' . site_address() . "\n";
