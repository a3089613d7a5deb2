import { awsConfig } from './aws-clients.ts';

/** Publishes a message for people to an SNS topic. */
export async function publish(topic: string, { subject, text }: { subject: string; text: string }): Promise<void> {
  const { PublishCommand, SNSClient } = await import('@aws-sdk/client-sns');
  const client = new SNSClient(awsConfig());
  try {
    await client.send(new PublishCommand({ TopicArn: topic, Subject: subject, Message: text }));
  } finally {
    client.destroy();
  }
}
