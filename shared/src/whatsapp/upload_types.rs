//! The types of files that WhatsApp takes as an upload, their sizes, and what their first bytes say (whatsapp-cloud-api, Media).

use crate::message::MediaType;
use crate::whatsapp::media_limits::MediaLimits;

/// Bytes of a file that say what it is. Office documents need the most: their kind is the name of a later entry of the archive.
pub const BEGINNING: usize = 8 * 1024;

/// A type of files.
#[derive(Debug)]
pub struct UploadType {
    /// WhatsApp's name of it.
    pub mime_type: &'static str,
    /// As what it is sent: a row of the media table, which has its largest size.
    media: MediaType,
    /// What [`infer`] calls files of this type.
    found_as: &'static [&'static str],
    /// Whether every file of this type is recognized, so that what is not recognized is another type.
    is_always_found: bool,
}

const OFFICE: &[&str] = &[
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/zip", // their entries come in any order
];
const OLD_OFFICE: &[&str] = &["application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"];
const MPEG_4: &[&str] = &["video/mp4", "video/x-m4v", "video/quicktime", "audio/m4a"];

const TYPES: [UploadType; 18] = {
    use MediaType::{Audio, Document, Image, Sticker, Video};
    [
        upload("image/jpeg", Image, &["image/jpeg"], true),
        upload("image/png", Image, &["image/png"], true),
        upload("image/webp", Sticker, &["image/webp"], true),
        upload("video/mp4", Video, MPEG_4, false),
        upload("video/3gpp", Video, MPEG_4, false),
        upload("audio/aac", Audio, &["audio/aac", "audio/mpeg"], false),
        upload("audio/amr", Audio, &["audio/amr"], true),
        upload("audio/mpeg", Audio, &["audio/mpeg", "audio/aac"], false),
        upload("audio/mp4", Audio, MPEG_4, false),
        upload("audio/ogg", Audio, &["audio/ogg", "audio/opus"], true),
        upload("application/pdf", Document, &["application/pdf"], false),
        upload("application/msword", Document, OLD_OFFICE, true),
        upload("application/vnd.ms-excel", Document, OLD_OFFICE, true),
        upload("application/vnd.ms-powerpoint", Document, OLD_OFFICE, true),
        upload(OFFICE[0], Document, OFFICE, true),
        upload(OFFICE[1], Document, OFFICE, true),
        upload(OFFICE[2], Document, OFFICE, true),
        upload("text/plain", Document, &[], false),
    ]
};

const fn upload(
    mime_type: &'static str,
    media: MediaType,
    found_as: &'static [&'static str],
    is_always_found: bool,
) -> UploadType {
    UploadType { mime_type, media, found_as, is_always_found }
}

impl UploadType {
    /// The type of this name, whatever its parameters; none that WhatsApp does not take.
    pub fn find(mime_type: &str) -> Option<&'static Self> {
        let essence = mime_type.split(';').next().unwrap_or_default().trim();
        TYPES.iter().find(|known| known.mime_type.eq_ignore_ascii_case(essence))
    }

    /// The names of all types, for error messages.
    pub fn names() -> String {
        TYPES.iter().map(|known| known.mime_type).collect::<Vec<_>>().join(", ")
    }

    /// The largest size in bytes.
    pub const fn max_bytes(&self) -> u64 {
        MediaLimits::for_type(self.media).max_bytes
    }

    /// Whether a file of this type may be sent as `media`. A WebP is a sticker and nothing else.
    pub fn can_be_sent_as(&self, media: MediaType) -> bool {
        let is_webp_image = media == MediaType::Image && self.media == MediaType::Sticker;
        !is_webp_image && !MediaLimits::for_type(media).excludes(self.mime_type)
    }

    /// The type that the first bytes of a file certainly have, if it is not this one.
    pub fn contradicted_by(&self, beginning: &[u8]) -> Option<&'static str> {
        let found = infer::get(beginning).map(|found| found.mime_type());
        if self.found_as.is_empty() {
            return is_binary(beginning).then_some(found.unwrap_or("application/octet-stream"));
        }
        match found {
            Some(found) if self.found_as.contains(&found) => None,
            Some(found) => Some(found),
            None if self.is_always_found => Some("an unknown type"),
            None => None,
        }
    }
}

/// Whether bytes are no text: in no common encoding has text these control characters.
fn is_binary(beginning: &[u8]) -> bool {
    let is_utf_16 = beginning.starts_with(&[0xff, 0xfe]) || beginning.starts_with(&[0xfe, 0xff]);
    !is_utf_16 && beginning.iter().any(|byte| matches!(byte, 0..=6 | 0x0e..=0x1a | 0x1c..=0x1f))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(mime_type: &str) -> &'static UploadType {
        UploadType::find(mime_type).expect(mime_type)
    }

    #[test]
    fn a_type_has_the_size_of_its_row_and_is_sent_as_what_the_row_allows() {
        for (mime_type, most, media) in [
            ("image/jpeg", 5 << 20, MediaType::Image),
            ("IMAGE/PNG", 5 << 20, MediaType::Image),
            ("image/webp", 500 << 10, MediaType::Sticker),
            ("video/3gpp", 16 << 20, MediaType::Video),
            ("audio/ogg; codecs=opus", 16 << 20, MediaType::Voice),
            ("application/pdf", 100 << 20, MediaType::Document),
        ] {
            assert_eq!(
                (find(mime_type).max_bytes(), find(mime_type).can_be_sent_as(media)),
                (most, true),
                "{mime_type}"
            );
        }
        assert!(!find("image/webp").can_be_sent_as(MediaType::Image));
        assert!(!find("image/png").can_be_sent_as(MediaType::Document));
        assert!(!find("audio/mpeg").can_be_sent_as(MediaType::Voice));
        for unknown in ["", "image/gif", "image/jpg", "video/quicktime", "text/html", "application/zip"] {
            assert!(UploadType::find(unknown).is_none(), "{unknown}");
        }
    }

    #[test]
    fn first_bytes_contradict_only_what_they_certainly_are_not() {
        let png: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        let mp4: &[u8] = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom";
        let exe: &[u8] = b"MZ\x90\0\x03\0\0\0\x04\0\0\0";
        let (pdf, html, text): (&[u8], &[u8], &[u8]) = (b"%PDF-1.7\n", b"<!DOCTYPE html><html>", b"BM is no bitmap\n");
        for (mime_type, beginning, found) in [
            ("image/png", png, None),
            ("image/jpeg", png, Some("image/png")),
            ("image/jpeg", text, Some("image/bmp")),
            ("image/jpeg", b"\xff\xd8\xff\xe0", None),
            ("application/pdf", pdf, None),
            ("application/pdf", b"\n\n%PDF-1.7", None),
            ("application/pdf", html, Some("text/html")),
            ("application/pdf", exe, Some("application/vnd.microsoft.portable-executable")),
            ("video/mp4", mp4, None),
            ("video/3gpp", b"\0\0\0\x18ftyp3gp4\0\0\0\0", None),
            ("audio/ogg", b"not an ogg", Some("an unknown type")),
            ("application/msword", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", None),
            ("application/vnd.ms-excel", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", None),
            (OFFICE[0], b"PK\x03\x04\x14\0\x06\0\x08\0", None),
            (OFFICE[0], pdf, Some("application/pdf")),
            ("text/plain", text, None),
            ("text/plain", html, None),
            ("text/plain", "açúcar, \u{1f600}\t\r\n".as_bytes(), None),
            ("text/plain", exe, Some("application/vnd.microsoft.portable-executable")),
            ("text/plain", b"", None),
        ] {
            assert_eq!(find(mime_type).contradicted_by(beginning), found, "{mime_type}: {beginning:?}");
        }
    }
}
