//! A store of objects that announces what is put.

use std::path::Path;

use s3s::dto::{
    DeleteObjectInput, DeleteObjectOutput, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput,
    PutObjectInput, PutObjectOutput,
};
use s3s::{S3, S3Request, S3Response, S3Result};
use s3s_fs::FileSystem;
use serde_json::{Value, json};

use crate::aws::REGION;

/// Where a bucket announces objects.
#[derive(Clone, Debug)]
pub struct Announcement {
    /// The bucket.
    pub bucket: String,
    /// The beginning of the keys of these objects.
    pub prefix: String,
    /// The queue's URL.
    pub queue_url: String,
}

/// Objects in files, and who is told of new ones.
#[derive(Debug)]
pub struct AnnouncingStore {
    files: FileSystem,
    announcements: Vec<Announcement>,
    sqs: aws_sdk_sqs::Client,
}

impl AnnouncingStore {
    /// A store in a folder, which exists.
    pub fn new(
        folder: &Path,
        announcements: Vec<Announcement>,
        sqs: aws_sdk_sqs::Client,
    ) -> Result<Self, s3s_fs::Error> {
        Ok(Self { files: FileSystem::new(folder)?, announcements, sqs })
    }

    /// Announces an object. S3 does so within seconds after it has answered; here it is done when it answers.
    async fn announce(&self, bucket: &str, key: &str, size: i64) {
        let interested = |one: &&Announcement| one.bucket == bucket && key.starts_with(&one.prefix);
        for announcement in self.announcements.iter().filter(interested) {
            let body = event(bucket, key, size).to_string();
            let sent = self.sqs.send_message().queue_url(&announcement.queue_url).message_body(body).send().await;
            if let Err(error) = sent {
                eprintln!("announcing an object failed: {error:?}");
            }
        }
    }
}

/// The notification of an object that was put (Amazon S3, event message structure).
fn event(bucket: &str, key: &str, size: i64) -> Value {
    json!({ "Records": [{
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventName": "ObjectCreated:Put",
        "s3": {
            "s3SchemaVersion": "1.0",
            "bucket": { "name": bucket, "arn": format!("arn:aws:s3:::{bucket}") },
            "object": { "key": key, "size": size },
        },
    }] })
}

#[async_trait::async_trait]
impl S3 for AnnouncingStore {
    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let PutObjectInput { bucket, key, content_length, .. } = &request.input;
        let (bucket, key, size) = (bucket.clone(), key.clone(), content_length.unwrap_or_default());
        let response = self.files.put_object(request).await?;
        self.announce(&bucket, &key, size).await;
        Ok(response)
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        self.files.get_object(request).await
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        self.files.head_object(request).await
    }

    async fn delete_object(&self, request: S3Request<DeleteObjectInput>) -> S3Result<S3Response<DeleteObjectOutput>> {
        self.files.delete_object(request).await
    }
}
