/**
 * A server that answers as the Hugging Face Hub does, for tests: statuses, headers, redirects to a
 * storage host, pages of file lists; and faults on request.
 */
package ai.cacheblend.hub.mock;
