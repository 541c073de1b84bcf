<?php
// Fills a blog through WordPress's own functions. Whatever is there already is left as it is, so
// that a run that was cut off goes on where it stopped. The one argument is the plan, as JSON.

namespace Seeding;

use FilesystemIterator;
use RecursiveDirectoryIterator;
use RecursiveIteratorIterator;
use WP_Error;

// WordPress would answer a mistake with a page for browsers.
define('WP_DISABLE_FATAL_ERROR_HANDLER', true);
$plan = json_decode($argv[1], true, 8, JSON_THROW_ON_ERROR);
$_SERVER['HTTP_HOST'] = 'localhost';
require '/usr/share/wordpress/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/image.php';
require_once ABSPATH . 'wp-admin/includes/media.php';
wp_set_current_user(1);
wp_defer_term_counting(true);
ini_set('display_errors', 'stderr');

const WORDS = ['harbour', 'lantern', 'ledger', 'gull', 'rope', 'tide', 'keeper', 'signal', 'storm',
               'chart', 'anchor', 'mast', 'fog', 'beacon', 'quay', 'voyage', 'crate', 'salt',
               'north', 'island', 'pilot', 'sail', 'winter', 'bell', 'current', 'oar'];

function fail(string $message): never {
    echo "failed: $message\n";
    exit(1);
}

function checked(int|WP_Error $id): int {
    return is_wp_error($id) ? fail($id->get_error_message()) : $id;
}

function existing(string $type): array {
    global $wpdb;
    $rows = $wpdb->get_results($wpdb->prepare(
        "SELECT post_name, ID FROM $wpdb->posts WHERE post_type = %s", $type));
    return array_column($rows, 'ID', 'post_name');
}

function paragraphs(int $number): string {
    mt_srand($number);
    $text = '';
    for ($paragraph = 0; $paragraph < 4; $paragraph++) {
        $words = array_map(fn () => WORDS[mt_rand(0, count(WORDS) - 1)], range(1, 60));
        $text .= '<p>' . ucfirst(implode(' ', $words)) . ".</p>\n";
    }
    return $text;
}

function write_post(string $slug, string $title, string $date, int $number): void {
    checked(wp_insert_post([
        'post_name' => $slug, 'post_title' => $title, 'post_date' => $date,
        'post_content' => paragraphs($number), 'post_status' => 'publish', 'post_author' => 1,
    ], true));
}

function day(int $number): string {
    return gmdate('Y-m-d H:i:s', strtotime('2020-01-01 08:00:00 UTC') + $number * 86400);
}

// The same number always gives the same bytes, which no store can compress.
function noise(int $number, int $length): string {
    return openssl_encrypt(str_repeat("\0", $length), 'aes-128-ctr',
                           md5("noise $number", true), OPENSSL_RAW_DATA, str_repeat("\0", 16));
}

function picture(int $number): string {
    $image = imagecreatetruecolor(800, 600);
    mt_srand($number);
    for ($i = 0; $i < 400; $i++) {
        $colour = imagecolorallocate($image, mt_rand(0, 255), mt_rand(0, 255), mt_rand(0, 255));
        $x = mt_rand(0, 800);
        $y = mt_rand(0, 600);
        imagefilledrectangle($image, $x, $y, $x + mt_rand(5, 120), $y + mt_rand(5, 120), $colour);
    }
    ob_start();
    imagejpeg($image, null, 90);
    return ob_get_clean();
}

function sound(int $number, int $length): string {
    $data = noise($number, $length);
    return 'RIFF' . pack('V', $length + 36) . 'WAVEfmt ' . pack('VvvVVvv', 16, 1, 1, 22050, 44100, 2, 16)
        . 'data' . pack('V', $length) . $data;
}

function file_of(int $number, array $plan): array {
    if ($number <= $plan['images']) {
        return ['jpg', 'image/jpeg', picture($number)];
    }
    $length = $plan['file_bytes'];
    return match ($number % 3) {
        // Both end as their formats do: a file that was cut can be told from them.
        0 => ['pdf', 'application/pdf', "%PDF-1.4\n" . noise($number, $length) . "\n%%EOF\n"],
        1 => ['zip', 'application/zip',
              "PK\x03\x04" . noise($number, $length) . "PK\x05\x06" . str_repeat("\0", 18)],
        default => ['wav', 'audio/wav', sound($number, $length)],
    };
}

function attach(string $slug, int $number, array $plan): void {
    [$ending, $type, $bytes] = file_of($number, $plan);
    $date = day($number);
    $stored = wp_upload_bits("$slug.$ending", null, $bytes, substr($date, 0, 7));
    if ($stored['error']) {
        fail($stored['error']);
    }
    $id = checked(wp_insert_attachment([
        'post_name' => $slug, 'post_title' => "Attachment $number", 'post_date' => $date,
        'post_mime_type' => $type, 'post_status' => 'inherit', 'guid' => $stored['url'],
    ], $stored['file'], 0, true));
    wp_update_attachment_metadata($id, wp_generate_attachment_metadata($id, $stored['file']));
}

function drop_half_written(array $attachments): array {
    foreach ($attachments as $slug => $id) {
        if (empty(wp_get_attachment_metadata($id))) {
            wp_delete_attachment($id, true);
            unset($attachments[$slug]);
        }
    }
    return $attachments;
}

function seed_posts(array $plan): void {
    $there = existing('post');
    foreach ($plan['named_posts'] as $post) {
        isset($there[$post['slug']]) || write_post($post['slug'], $post['title'], $post['date'], 0);
    }
    for ($number = 1; $number <= $plan['posts']; $number++) {
        $slug = sprintf('entry-%04d', $number);
        isset($there[$slug]) || write_post($slug, "Entry $number", day($number), $number);
        if ($number % 100 === 0 || $number === $plan['posts']) {
            echo "posts: $number of {$plan['posts']}\n";
        }
    }
}

function seed_attachments(array $plan): void {
    $there = drop_half_written(existing('attachment'));
    for ($number = 1; $number <= $plan['attachments']; $number++) {
        $slug = sprintf('attachment-%04d', $number);
        isset($there[$slug]) || attach($slug, $number, $plan);
        if ($number % 30 === 0 || $number === $plan['attachments']) {
            echo "attachments: $number of {$plan['attachments']}\n";
        }
    }
}

function remove_posts(array $slugs): void {
    $there = existing('post');
    foreach (array_intersect_key($there, array_flip($slugs)) as $id) {
        wp_delete_post($id, true);
    }
}

function bytes_on_disk(): int {
    $files = new RecursiveIteratorIterator(new RecursiveDirectoryIterator(
        wp_get_upload_dir()['basedir'], FilesystemIterator::SKIP_DOTS));
    return array_sum(array_map(fn ($file) => $file->getSize(), iterator_to_array($files)));
}

remove_posts($plan['absent_posts']);
seed_posts($plan);
seed_attachments($plan);
wp_defer_term_counting(false);
$counts = ['posts' => count(existing('post')), 'attachments' => count(existing('attachment'))];
echo json_encode($counts + ['bytes' => bytes_on_disk()]), "\n";
