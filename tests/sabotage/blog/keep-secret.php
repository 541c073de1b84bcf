<?php
// What a plugin does with a password of its user's: it is kept encrypted, by a key that is made of
// the site's salts and stands in no backup of the database.
$_SERVER['HTTP_HOST'] = 'localhost';
require '/usr/share/wordpress/wp-load.php';
$start = random_bytes(16);
$key = hash('sha256', LOGGED_IN_KEY, true);
$kept = openssl_encrypt('of the mailer', 'aes-256-ctr', $key, OPENSSL_RAW_DATA, $start);
update_option('mailer_password', base64_encode($start . $kept), false);
echo "kept\n";
