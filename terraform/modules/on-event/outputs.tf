output "function" {
  description = "The function: its name, the ARN to invoke it by (of the alias live), its role, its log group and its timeout."
  value       = module.function.function
}

output "queue" {
  description = "The queue that takes events."
  value       = { arn = aws_sqs_queue.events.arn, name = aws_sqs_queue.events.name, url = aws_sqs_queue.events.url }

  # The first event must find the queue open to it.
  depends_on = [aws_sqs_queue_policy.events]
}

output "dead_letters" {
  description = "The queue of events that could not be dealt with."
  value       = { arn = aws_sqs_queue.dead_letters.arn, name = aws_sqs_queue.dead_letters.name }
}
