// The AWS clients, made once before the first event. Connections are kept alive: the SDK's default.

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

// A request of seconds must not wait for a connection for minutes.
const requestHandler = { connectionTimeout: 1_000, requestTimeout: 3_000 };

export const dynamodb = new DynamoDBClient({ requestHandler });
export const tables = DynamoDBDocumentClient.from(dynamodb, { marshallOptions: { removeUndefinedValues: true } });
// The endpoint of the environment, not the one in the queue's URL.
export const queues = new SQSClient({ requestHandler, useQueueUrlAsEndpoint: false });
