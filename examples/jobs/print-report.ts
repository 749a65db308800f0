import type { JobContext, JobDataHandler, JobMessage } from '../../index.js';

interface ProgramData {
  title: string;
}

/** A job as a class. It prints what earlier jobs found out, and notes in its data that it has done so. */
export default class PrintReport {
  static create({ title }: ProgramData): PrintReport {
    return new PrintReport(title);
  }

  constructor(private readonly title: string) {}

  async execute(
    { runId }: JobMessage,
    jobData: JobDataHandler<{ printed?: boolean }>,
    { results }: JobContext,
  ): Promise<void> {
    const { printed } = await jobData.get();
    if (printed) return;
    console.log(`${this.title} (${runId}): ${JSON.stringify(results)}`);
    await jobData.set({ printed: true });
  }
}
