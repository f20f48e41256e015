//! The contract's media table: what file each `mediaType` may be, by its content type and by its name, and how large.
//!
//! WhatsApp goes by the content type that the file's host gives. So do we, and more is let pass than refused: other
//! names of the same formats, and WhatsApp's own AMR and MPEG-4 audio, which the contract does not name.

use shared::content::MediaType;

/// The larger of the two megabytes: what lies between them is for WhatsApp to judge.
const MB: u64 = 1024 * 1024;

/// One row of the table.
#[derive(Debug)]
pub struct MediaFormat {
    /// The formats, for people.
    pub names: &'static str,
    /// The most bytes.
    pub max_bytes: u64,
    content_types: &'static [&'static str],
    extensions: &'static [&'static str],
}

/// What a file's name says of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Named {
    /// It is as it should be, or its name says nothing.
    Fitting,
    /// It belongs to another `mediaType`.
    Elsewhere,
    /// It belongs to none.
    Nowhere,
}

const IMAGE: MediaFormat = MediaFormat {
    names: "JPEG, PNG or WebP",
    max_bytes: 5 * MB,
    content_types: &["image/jpeg", "image/jpg", "image/pjpeg", "image/png", "image/webp"],
    extensions: &["jpg", "jpeg", "png", "webp"],
};
const VIDEO: MediaFormat = MediaFormat {
    names: "MP4 or 3GP",
    max_bytes: 16 * MB,
    content_types: &["video/mp4", "video/3gpp", "video/3gp"],
    extensions: &["mp4", "3gp"],
};
const AUDIO: MediaFormat = MediaFormat {
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
const DOCUMENT: MediaFormat = MediaFormat {
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

/// Extensions of well-known formats that are in no row. Any other name says nothing of what is in the file.
const NOWHERE: [&str; 24] = [
    "gif", "bmp", "tif", "tiff", "heic", "heif", "avif", "svg", "psd", "avi", "mov", "mkv", "webm", "wmv", "flv",
    "wav", "flac", "wma", "zip", "rar", "7z", "exe", "apk", "dmg",
];
/// What hosts say of a file that they know nothing about.
const OPAQUE: [&str; 5] = [
    "application/octet-stream",
    "binary/octet-stream", // S3
    "application/x-download",
    "application/download",
    "application/force-download",
];

impl MediaFormat {
    /// The row of a `mediaType`.
    pub const fn of(media: MediaType) -> &'static Self {
        match media {
            MediaType::Image => &IMAGE,
            MediaType::Video => &VIDEO,
            MediaType::Audio => &AUDIO,
            MediaType::Document => &DOCUMENT,
        }
    }

    /// What the extension of a file's name says.
    pub fn named(&self, extension: &str) -> Named {
        let is_in = |known: &[&str]| known.iter().any(|known| known.eq_ignore_ascii_case(extension));
        if is_in(self.extensions) {
            return Named::Fitting;
        }
        if [&IMAGE, &VIDEO, &AUDIO, &DOCUMENT].iter().any(|row| is_in(row.extensions)) {
            return Named::Elsewhere;
        }
        if is_in(&NOWHERE) { Named::Nowhere } else { Named::Fitting }
    }

    /// Whether a `Content-Type` says that a file is something else; one that says nothing does not.
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
    fn every_format_of_the_contract_is_taken_and_by_its_own_media_type_only() {
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
                let named = if other == media { Named::Fitting } else { Named::Elsewhere };
                assert_eq!(MediaFormat::of(other).named(extension), named, "{extension} as {other:?}");
                assert_eq!(
                    MediaFormat::of(other).excludes(content_type),
                    other != media,
                    "{content_type} as {other:?}"
                );
            }
        }
        assert_eq!(MediaFormat::of(Video).named("mp4"), Named::Fitting);
        assert!(!MediaFormat::of(Video).excludes("video/mp4") && MediaFormat::of(Image).excludes("video/mp4"));
    }

    #[test]
    fn what_is_in_no_row_is_refused_and_what_says_nothing_is_not() {
        for media in ALL {
            let format = MediaFormat::of(media);
            assert_eq!((format.named("gif"), format.named("EXE")), (Named::Nowhere, Named::Nowhere));
            assert_eq!((format.named(""), format.named("php")), (Named::Fitting, Named::Fitting));
            for content_type in ["image/gif", "text/html; charset=utf-8", "application/x-msdownload", "video/quicktime"]
            {
                assert!(format.excludes(content_type), "{content_type} as {media:?}");
            }
            for content_type in ["", ";", "jpeg", "application/octet-stream", "Binary/Octet-Stream; x=y"] {
                assert!(!format.excludes(content_type), "{content_type} as {media:?}");
            }
        }
    }
}
