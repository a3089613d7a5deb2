import * as v from 'valibot';

const envelope = { time: v.pipe(v.string(), v.isoTimestamp('must be a time in ISO 8601')) };
const detail = { AutoScalingGroupName: v.string(), EC2InstanceId: v.string() };

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html */
const autoScaling = [
  v.object({ ...envelope, 'detail-type': v.literal('EC2 Instance-launch Lifecycle Action'), detail: v.object(detail) }),
  v.object({
    ...envelope,
    'detail-type': v.literal('EC2 Instance-terminate Lifecycle Action'),
    detail: v.object(detail),
  }),
  v.object({ ...envelope, 'detail-type': v.literal('EC2 Instance Terminate Successful'), detail: v.object(detail) }),
  v.object({
    ...envelope,
    'detail-type': v.literal('EC2 Instance Terminate Unsuccessful'),
    detail: v.object({ ...detail, StatusMessage: v.optional(v.string()) }),
  }),
  v.object({
    ...envelope,
    'detail-type': v.literal('EC2 Instance Launch Unsuccessful'),
    detail: v.object({ ...detail, EC2InstanceId: v.optional(v.string(), ''), StatusMessage: v.optional(v.string()) }),
  }),
] as const;

/** What comes by rules of EventBridge: of Auto Scaling, and of the program on the instance. */
export const busEventSchema = v.variant('detail-type', [
  ...autoScaling,
  v.object({
    ...envelope,
    'detail-type': v.literal('EFS Task Finished'),
    // Anybody who may put events could say that it ended; only its instance knows the random word of the task.
    detail: v.object({ id: v.string(), nonce: v.optional(v.string()) }),
  }),
]);

export type BusEvent = v.InferOutput<typeof busEventSchema>;
