/*
 * Where the panes stand. 80 x 24 has steps beside the facts, the deed at hand
 * below, then the line of the prompt and the keys; more rows bring the picture
 * of the traffic and the pods one by one, and the deed more room.
 */
#include "base/error.h"
#include "base/i18n.h"
#include "base/text.h"
#include "view/panes.h"
#include "view/words.h"

#define LAYOUT_FACTS 11         /* rows of the facts' panes */
#define LAYOUT_FACTS_WIDTH 60
#define LAYOUT_PODS_WIDTH 84
#define LAYOUT_TALL 36          /* from here on there is room for more */
#define LAYOUT_DEED 9           /* rows of the deed at 24 */

struct layout {
	struct frame *frame;
	struct arena *arena;
	const struct view_input *input;
	const struct view_ui *ui;
	size_t rows;            /* of a page that scrolls */
};

static struct sheet layout_sheet(const struct layout *l, int width)
{
	struct sheet sheet;

	sheet_init(&sheet, l->arena, width, l->input->utf8);
	return sheet;
}

static void layout_line(const struct layout *l, int y, int joint)
{
	struct sheet sheet = layout_sheet(l, 1);

	for (int x = 0; x < l->frame->width; x++)
		frame_put(l->frame, y, x, MEANING_DIM,
			  sheet_mark(&sheet, x == joint ? MARK_JOINT :
						  MARK_LINE));
}

static void layout_bar(const struct layout *l, int y, int height, int x)
{
	struct sheet sheet = layout_sheet(l, 1);

	for (int i = 0; i < height; i++)
		frame_put(l->frame, y + i, x, MEANING_DIM,
			  sheet_mark(&sheet, MARK_BAR));
}

/* ---- the run ------------------------------------------------------------- */

/* Replication, pods, Service, flag: one below the other. */
static void layout_facts(const struct layout *l, struct rect rect)
{
	struct sheet sheet = layout_sheet(l, rect.width);

	pane_replication(&sheet, l->input, false);
	pane_pods(&sheet, l->input);
	pane_service(&sheet, l->input);
	pane_flag(&sheet, l->input);
	frame_sheet(l->frame, rect, &sheet, 0);
}

static void layout_steps(const struct layout *l, struct rect rect)
{
	struct sheet sheet = layout_sheet(l, rect.width);

	pane_steps(&sheet, l->input, rect.height);
	frame_sheet(l->frame, rect, &sheet, 0);
}

/* Returns how many rows it took. */
static int layout_traffic(const struct layout *l, int y)
{
	struct sheet sheet = layout_sheet(l, l->frame->width);
	struct rect rect = {y, 0, 6, l->frame->width};

	pane_traffic(&sheet, l->input);
	if ((int)sheet.count < rect.height)
		rect.height = (int)sheet.count;
	frame_sheet(l->frame, rect, &sheet, 0);
	layout_line(l, y + rect.height, -1);
	return rect.height + 1;
}

/* On a tall screen: the pods one by one, in what rows are left. */
static void layout_pods(const struct layout *l, struct rect rect)
{
	struct sheet sheet = layout_sheet(l, rect.width);
	size_t room = (size_t)rect.height, more;

	pane_cluster(&sheet, l->input);
	if (rect.height < 2 || sheet.count <= room) {
		frame_sheet(l->frame, rect, &sheet, 0);
		return;
	}
	rect.height--;
	frame_sheet(l->frame, rect, &sheet, 0);
	more = sheet.count - room + 1;
	sheet = layout_sheet(l, rect.width);
	sheet_row(&sheet);
	sheet_put(&sheet, MEANING_DIM,
		  ngettext(" %zu more row (c shows all)",
			   " %zu more rows (c shows all)", more), more);
	frame_sheet(l->frame, (struct rect){rect.y + rect.height, rect.x, 1,
					    rect.width}, &sheet, 0);
}

/* Steps beside the facts; on a wide screen the pods beside them. */
static void layout_upper(const struct layout *l, int y, int height, int split)
{
	int width = l->frame->width, rest = width - split - 1;
	bool wide = rest >= LAYOUT_FACTS_WIDTH + LAYOUT_PODS_WIDTH;
	int facts = wide ? LAYOUT_FACTS_WIDTH : rest, bar = split + 2 + facts;

	layout_steps(l, (struct rect){y, 0, height, split - 1});
	layout_bar(l, y, height, split);
	layout_facts(l, (struct rect){y, split + 1, height, facts});
	if (!wide)
		return;
	layout_bar(l, y, height, bar);
	layout_pods(l, (struct rect){y, bar + 1, height, width - bar - 1});
}

static void layout_run(struct layout *l)
{
	int width = l->frame->width, height = l->frame->height, y = 1;
	int split = width / 2 - 3 > 54 ? 54 : width / 2 - 3;
	bool tall = height >= LAYOUT_TALL;
	bool wide = width - split - 1 >= LAYOUT_FACTS_WIDTH + LAYOUT_PODS_WIDTH;
	int deed = tall ? LAYOUT_DEED + 2 + (height - LAYOUT_TALL) / 3 :
		   LAYOUT_DEED + (height - VIEW_HEIGHT_MIN);
	int top = height - 3 - deed, upper;
	struct sheet sheet;

	if (l->ui->message)     /* it has the last row */
		deed--;
	if (tall)
		y += layout_traffic(l, y);
	upper = tall && !wide ? LAYOUT_FACTS : top - y;
	layout_upper(l, y, upper, split);
	layout_line(l, y + upper, split);
	if (tall && !wide) {
		y += upper + 1;
		layout_pods(l, (struct rect){y, 0, top - y, width});
		layout_line(l, top, -1);
	}
	sheet = layout_sheet(l, width);
	pane_deed(&sheet, l->input, l->ui, deed);
	frame_sheet(l->frame, (struct rect){top + 1, 0, deed, width}, &sheet,
		    0);
}

/* ---- the pages ----------------------------------------------------------- */

/* A run that was left is shown whole before it is gone on with; only its long
 * lines are cut. */
static void page_resume(struct sheet *sheet, const struct layout *l)
{
	pane_reality(sheet, l->input, false);
}

static void page_gtids(struct sheet *sheet, const struct layout *l)
{
	pane_replication(sheet, l->input, true);
}

static void page_details(struct sheet *sheet, const struct layout *l)
{
	pane_deed(sheet, l->input, l->ui, 0);
}

static void page_cluster(struct sheet *sheet, const struct layout *l)
{
	pane_pods(sheet, l->input);
	pane_service(sheet, l->input);
	sheet_row(sheet);
	pane_cluster(sheet, l->input);
}

static void page_way_back(struct sheet *sheet, const struct layout *l)
{
	pane_way_back(sheet, l->input);
}

static void page_ahead(struct sheet *sheet, const struct layout *l)
{
	pane_ahead(sheet, l->input, l->ui);
}

static void page_journal(struct sheet *sheet, const struct layout *l)
{
	pane_journal(sheet, l->input, l->ui);
}

static void page_messages(struct sheet *sheet, const struct layout *l)
{
	pane_messages(sheet, l->ui);
}

static void page_help(struct sheet *sheet, const struct layout *l)
{
	pane_help(sheet, l->input);
}

static void page_end(struct sheet *sheet, const struct layout *l)
{
	pane_end(sheet, l->input);
}

/* Says on the prompt's row that a page goes on below. */
static void layout_more(const struct layout *l, size_t rows)
{
	struct sheet sheet = layout_sheet(l, l->frame->width);

	sheet_row(&sheet);
	sheet_right(&sheet, 0, MEANING_DIM,
		    ngettext("%zu more row below", "%zu more rows below", rows),
		    rows);
	frame_sheet(l->frame, (struct rect){l->frame->height - 2, 0, 1,
					    l->frame->width}, &sheet, 0);
}

static void layout_page(struct layout *l)
{
	static void (*const pages[VIEW_PAGES])(struct sheet *,
					       const struct layout *) = {
		[VIEW_RUN] = page_resume,
		[VIEW_DETAILS] = page_details,
		[VIEW_CLUSTER] = page_cluster,
		[VIEW_GTIDS] = page_gtids,
		[VIEW_WAY_BACK] = page_way_back,
		[VIEW_AHEAD] = page_ahead,
		[VIEW_JOURNAL] = page_journal,
		[VIEW_MESSAGES] = page_messages,
		[VIEW_HELP] = page_help,
		[VIEW_END] = page_end,
	};
	struct sheet sheet = layout_sheet(l, l->frame->width);
	struct rect rect = {1, 0, l->frame->height - 3 -
			    (l->ui->message != NULL), l->frame->width};
	size_t first = l->ui->scroll, shown = (size_t)rect.height;

	pages[l->ui->page](&sheet, l);
	l->rows = sheet.count;
	if (sheet.count <= shown)
		first = 0;
	else if (first > sheet.count - shown)
		first = sheet.count - shown;
	frame_sheet(l->frame, rect, &sheet, first);
	if (sheet.count > first + shown)
		layout_more(l, sheet.count - first - shown);
}

/* ---- above and below ----------------------------------------------------- */

static void layout_header(const struct layout *l)
{
	struct sheet sheet = layout_sheet(l, l->frame->width);
	char alarm[WORDS_MAX];

	pane_header(&sheet, l->input);
	frame_sheet(l->frame, (struct rect){0, 0, 1, l->frame->width}, &sheet,
		    0);
	frame_tint(l->frame, 0, words_two_writers(l->input, alarm) ?
		   MEANING_ALARM : MEANING_BAR);
}

/* What must be typed, or a message: the cursor stands behind it. */
static void layout_prompt(const struct layout *l)
{
	struct sheet sheet = layout_sheet(l, l->frame->width);
	const struct view_prompt *prompt = &l->ui->prompt;
	int y = l->frame->height - 2, x = 0;
	const char *text = prompt->text;

	if (l->ui->message) {
		sheet_row(&sheet);
		sheet_put(&sheet, MEANING_BAD, "%s", l->ui->message);
		sheet_right(&sheet, 0, MEANING_DIM, "  %s",
			    text_width(l->ui->message) > l->frame->width - 5 ?
			    _("m all  Esc") : _("Esc"));
		frame_sheet(l->frame,
			    (struct rect){y - 1, 0, 1, l->frame->width},
			    &sheet, 0);
	}
	if (prompt->label) {
		sheet = layout_sheet(l, l->frame->width);
		sheet_row(&sheet);
		sheet_put(&sheet, prompt->meaning, "%s", prompt->label);
		x = sheet.rows ? sheet.rows[0].column : 0;
		/* a long line shows its end, where one types */
		while (text && *text &&
		       text_width(text) > l->frame->width - x - 1)
			text += text_fit(text, 1) ? text_fit(text, 1) : 1;
		if (text)
			sheet_put(&sheet, MEANING_EMPHASIS, "%s", text);
		if (sheet.rows)
			x = sheet.rows[0].column;
		frame_sheet(l->frame, (struct rect){y, 0, 1, l->frame->width},
			    &sheet, 0);
	}
	l->frame->cursor_y = y;
	l->frame->cursor_x = x < l->frame->width ? x : l->frame->width - 1;
}

static void layout_keys(const struct layout *l)
{
	struct sheet sheet = layout_sheet(l, l->frame->width);
	int y = l->frame->height - 1;

	pane_keys(&sheet, l->input, l->ui);
	frame_sheet(l->frame, (struct rect){y, 0, 1, l->frame->width}, &sheet,
		    0);
	frame_tint(l->frame, y, MEANING_BAR);
}

/* Too small to show a gate: keys do nothing, but an alarm is an alarm. */
static void layout_small(const struct layout *l)
{
	struct sheet sheet = layout_sheet(l, l->frame->width);
	bool goes = !l->input->reality &&
		    engine_goes_by_itself(l->input->engine);

	sheet_row(&sheet);
	sheet_put(&sheet, MEANING_PLAIN,
		  _("needs %d x %d, has %d x %d; keys do nothing"),
		  VIEW_WIDTH_MIN, VIEW_HEIGHT_MIN, l->frame->width,
		  l->frame->height);
	if (goes) {
		sheet_row(&sheet);
		sheet_put(&sheet, MEANING_WARN, "%s",
			  _("ARMED, it goes on by itself; any key stops that"));
	}
	pane_header(&sheet, l->input);
	frame_sheet(l->frame, (struct rect){0, 0, 3, l->frame->width}, &sheet,
		    0);
}

int view_draw(const struct view_input *input, const struct view_ui *ui,
	      struct frame *frame, size_t *ret_rows)
{
	struct arena arena;
	struct layout l = {.frame = frame, .arena = &arena, .input = input,
			   .ui = ui};

	arena_init(&arena);
	if (frame->width < VIEW_WIDTH_MIN || frame->height < VIEW_HEIGHT_MIN) {
		layout_small(&l);
	} else {
		layout_header(&l);
		if (ui->page == VIEW_RUN && !input->reality)
			layout_run(&l);
		else
			layout_page(&l);
		layout_prompt(&l);
		layout_keys(&l);
	}
	if (ret_rows)
		*ret_rows = l.rows;
	arena_release(&arena);
	return 0;
}
