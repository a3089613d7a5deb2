/**
 * US dollars, us-east-1, on demand, without free tiers and volume discounts, as noted on 20 November 2026. Not read from
 * AWS's live pages: check before use.
 */
export const listPrices = {
  lambdaGbSecond: 0.0000133334, // arm64
  lambdaRequest: 0.2 / 1e6,
  stateTransition: 0.025 / 1e3,
  buildMinute: 0.0034, // arm1.small
  s3Write: 0.005 / 1e3, // PUT, POST, COPY, LIST
  s3Read: 0.0004 / 1e3,
  s3Transition: 0.02 / 1e3,
  s3StandardGbMonth: 0.023,
  s3GlacierIrGbMonth: 0.004,
  s3GlacierIrReadGb: 0.03,
  kmsKeyMonth: 1,
  kmsRequest: 0.03 / 1e4,
  secretMonth: 0.4,
  secretRequest: 0.05 / 1e4,
  logGb: 0.5,
  logGbMonth: 0.03,
  traceMillion: 5,
  alarmMetricMonth: 0.1,
  customMetricMonth: 0.3,
  dashboardMonth: 3,
};
