/**
 * What a policy may ask about a request, beside the containers that it reaches. Of the daemon: `image`, what an image's
 * name stands for here and the USER that it brings; `volumes`, what a volume that is named was made of; `networkNames`,
 * which network an id stands for; `hostNetwork`, the same for a service, which may name the host's so; `defaults`, what
 * it fills into a stored container. Of the host: `hostFiles`, where paths lead once links are followed.
 */
export type Fact = 'image' | 'volumes' | 'networkNames' | 'hostNetwork' | 'defaults' | 'hostFiles';
