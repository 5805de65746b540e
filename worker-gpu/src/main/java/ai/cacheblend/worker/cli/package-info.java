/** The worker's commands: read options, construct the parts in order, start, wait, close. */
package ai.cacheblend.worker.cli;
