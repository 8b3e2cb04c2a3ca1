/* Work that other threads hand to the loop: the only door between threads. */
#include <stdlib.h>

#include "base/error.h"
#include "net/loop_private.h"

int loop_post(struct loop *loop, void (*fn)(void *data), void *data)
{
	struct loop_post *post = malloc(sizeof(*post));
	bool full;

	if (!post)
		return ERR_NOMEM;
	*post = (struct loop_post){.fn = fn, .data = data};
	pthread_mutex_lock(&loop->post_lock);
	full = loop->post_count >= LOOP_POSTS_MAX;
	if (!full) {
		*loop->posts_end = post;
		loop->posts_end = &post->next;
		loop->post_count++;
	}
	pthread_mutex_unlock(&loop->post_lock);
	if (full) {
		free(post);
		return ERR_LIMIT;
	}
	curl_multi_wakeup(loop->multi);
	return 0;
}

static struct loop_post *posts_take(struct loop *loop)
{
	struct loop_post *posts;

	pthread_mutex_lock(&loop->post_lock);
	posts = loop->posts;
	loop->posts = NULL;
	loop->posts_end = &loop->posts;
	loop->post_count = 0;
	pthread_mutex_unlock(&loop->post_lock);
	return posts;
}

void loop_posts_run(struct loop *loop)
{
	struct loop_post *post = posts_take(loop);

	while (post) {
		struct loop_post *next = post->next;

		post->fn(post->data);
		free(post);
		post = next;
	}
}

void loop_posts_close(struct loop *loop)
{
	struct loop_post *post = posts_take(loop);

	while (post) {
		struct loop_post *next = post->next;

		free(post);
		post = next;
	}
}
