//! The media table: which files each `mediaType` allows, by content type and by name, and how large they may be.
//!
//! WhatsApp decides by the content type that the file's host gives, and so does this table. It allows more rather than
//! less: other names of the same formats, and WhatsApp's AMR and MPEG-4 audio, which the contract does not name.

use crate::message::MediaType;

/// The larger of the two megabytes: sizes in between are left to WhatsApp.
const MB: u64 = 1024 * 1024;

/// The limits of one `mediaType`.
#[derive(Debug)]
pub struct MediaLimits {
    /// The allowed formats, for error messages.
    pub names: &'static str,
    /// The largest size, in bytes.
    pub max_bytes: u64,
    content_types: &'static [&'static str],
    extensions: &'static [&'static str],
}

/// What a file's name says about its format.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NameMatch {
    /// The format is allowed, or the name says nothing.
    Allowed,
    /// The format belongs to another `mediaType`.
    OtherMediaType,
    /// The format belongs to no `mediaType`.
    Unsupported,
}

const IMAGE: MediaLimits = MediaLimits {
    names: "JPEG, PNG or WebP",
    max_bytes: 5 * MB,
    content_types: &["image/jpeg", "image/jpg", "image/pjpeg", "image/png", "image/webp"],
    extensions: &["jpg", "jpeg", "png", "webp"],
};
const VIDEO: MediaLimits = MediaLimits {
    names: "MP4 or 3GP",
    max_bytes: 16 * MB,
    content_types: &["video/mp4", "video/3gpp", "video/3gp"],
    extensions: &["mp4", "3gp"],
};
const AUDIO: MediaLimits = MediaLimits {
    names: "MP3, OGG or AAC",
    max_bytes: 16 * MB,
    content_types: &[
        "audio/mpeg",
        "audio/mp3",
        "audio/ogg",
        "application/ogg",
        "audio/opus",
        "audio/aac",
        "audio/aacp",
        "audio/x-aac",
        "audio/amr",
        "audio/mp4",
        "audio/m4a",
        "audio/x-m4a",
    ],
    extensions: &["mp3", "ogg", "oga", "opus", "aac", "amr", "m4a", "mp4"],
};
const DOCUMENT: MediaLimits = MediaLimits {
    names: "PDF, DOC, DOCX, XLS, XLSX, PPT, PPTX or TXT",
    max_bytes: 100 * MB,
    content_types: &[
        "application/pdf",
        "application/x-pdf",
        "application/msword",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.ms-excel",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.ms-powerpoint",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "text/plain",
    ],
    extensions: &["pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "txt"],
};

/// Of an animated sticker. A static one may have 100 KB only, which is left to WhatsApp: the name does not say which it is.
const STICKER: MediaLimits =
    MediaLimits { names: "WebP", max_bytes: 500 * 1024, content_types: &["image/webp"], extensions: &["webp"] };
/// WhatsApp plays only Opus as a voice message.
const VOICE: MediaLimits = MediaLimits {
    names: "OGG with Opus",
    max_bytes: 16 * MB,
    content_types: &["audio/ogg", "application/ogg", "audio/opus"],
    extensions: &["ogg", "oga", "opus"],
};

/// Extensions of well-known formats that no `mediaType` allows. Any other extension says nothing about the file.
const UNSUPPORTED: [&str; 24] = [
    "gif", "bmp", "tif", "tiff", "heic", "heif", "avif", "svg", "psd", "avi", "mov", "mkv", "webm", "wmv", "flv",
    "wav", "flac", "wma", "zip", "rar", "7z", "exe", "apk", "dmg",
];
/// Content types of hosts that do not know the file's format.
const OPAQUE: [&str; 5] = [
    "application/octet-stream",
    "binary/octet-stream", // S3
    "application/x-download",
    "application/download",
    "application/force-download",
];

impl MediaLimits {
    /// The limits of a `mediaType`.
    pub const fn for_type(media: MediaType) -> &'static Self {
        match media {
            MediaType::Image => &IMAGE,
            MediaType::Video => &VIDEO,
            MediaType::Audio => &AUDIO,
            MediaType::Document => &DOCUMENT,
            MediaType::Sticker => &STICKER,
            MediaType::Voice => &VOICE,
        }
    }

    /// What the extension of a file's name says.
    pub fn match_extension(&self, extension: &str) -> NameMatch {
        let is_in = |known: &[&str]| known.iter().any(|known| known.eq_ignore_ascii_case(extension));
        if is_in(self.extensions) {
            return NameMatch::Allowed;
        }
        if [&IMAGE, &VIDEO, &AUDIO, &DOCUMENT].iter().any(|row| is_in(row.extensions)) {
            return NameMatch::OtherMediaType;
        }
        if is_in(&UNSUPPORTED) { NameMatch::Unsupported } else { NameMatch::Allowed }
    }

    /// Whether a `Content-Type` says that the file has a format that is not allowed.
    pub fn excludes(&self, content_type: &str) -> bool {
        let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let says_something = essence.contains('/') && !OPAQUE.contains(&essence.as_str());
        says_something && !self.content_types.contains(&essence.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [MediaType; 4] = [MediaType::Image, MediaType::Video, MediaType::Audio, MediaType::Document];

    #[test]
    fn every_format_of_the_contract_is_allowed_by_its_own_media_type_only() {
        use MediaType::{Audio, Document, Image, Video};
        for (media, extension, content_type) in [
            (Image, "jpg", "image/jpeg"),
            (Image, "JPEG", "IMAGE/JPEG"),
            (Image, "png", "image/png"),
            (Image, "webp", "image/webp; charset=binary"),
            (Video, "3gp", "video/3gpp"),
            (Audio, "mp3", "audio/mpeg"),
            (Audio, "ogg", "audio/ogg; codecs=opus"),
            (Audio, "aac", " audio/aac ;x"),
            (Document, "pdf", "application/pdf"),
            (Document, "doc", "application/msword"),
            (Document, "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            (Document, "xls", "application/vnd.ms-excel"),
            (Document, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (Document, "ppt", "application/vnd.ms-powerpoint"),
            (Document, "pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
            (Document, "TXT", "Text/Plain;charset=UTF-8"),
        ] {
            for other in ALL {
                let limits = MediaLimits::for_type(other);
                let named = if other == media { NameMatch::Allowed } else { NameMatch::OtherMediaType };
                assert_eq!(limits.match_extension(extension), named, "{extension} as {other:?}");
                assert_eq!(limits.excludes(content_type), other != media, "{content_type} as {other:?}");
            }
        }
        for (limits, extension, content_type) in [
            (&STICKER, "webp", "image/webp"),
            (&VOICE, "ogg", "audio/ogg; codecs=opus"),
            (&VOICE, "opus", "audio/opus"),
        ] {
            assert_eq!(limits.match_extension(extension), NameMatch::Allowed, "{extension}");
            assert!(!limits.excludes(content_type), "{content_type}");
        }
        assert_eq!(STICKER.match_extension("png"), NameMatch::OtherMediaType);
        assert_eq!(VOICE.match_extension("mp3"), NameMatch::OtherMediaType);
        assert!(STICKER.excludes("image/png") && VOICE.excludes("audio/mpeg"));
        assert_eq!(VIDEO.match_extension("mp4"), NameMatch::Allowed);
        assert!(!VIDEO.excludes("video/mp4") && IMAGE.excludes("video/mp4"));
    }

    #[test]
    fn unsupported_formats_are_excluded_and_unknown_ones_are_not() {
        for media in ALL {
            let limits = MediaLimits::for_type(media);
            for (unsupported, unknown) in [("gif", ""), ("EXE", "php")] {
                assert_eq!(limits.match_extension(unsupported), NameMatch::Unsupported, "{unsupported} as {media:?}");
                assert_eq!(limits.match_extension(unknown), NameMatch::Allowed, "{unknown} as {media:?}");
            }
            for other in ["image/gif", "text/html; charset=utf-8", "application/x-msdownload", "video/quicktime"] {
                assert!(limits.excludes(other), "{other} as {media:?}");
            }
            for unknown in ["", ";", "jpeg", "application/octet-stream", "Binary/Octet-Stream; x=y"] {
                assert!(!limits.excludes(unknown), "{unknown} as {media:?}");
            }
        }
    }
}
